{{- define "headgate.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" }}{{ end -}}
{{- end }}

{{- define "headgate.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "headgate.labels" -}}
{{ include "headgate.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "headgate.ports" -}}
http: 8080
{{- if eq .Values.face "serve" }}
grpc: 8081
resp: 6380
{{- end }}
{{- if .Values.admin.exposed }}
admin: 9090
{{- end }}
{{- end }}

{{- /* What would be wrong of the values together, said before anything is made of them. */ -}}
{{- define "headgate.check" -}}
{{- $config := fromYaml .Values.config }}
{{- with $config.Error }}
{{- fail (printf "config is no YAML: %s" .) }}
{{- end }}
{{- if and (not .Values.redis.existingSecret) (or .Values.autoscaling.enabled (gt (int .Values.replicas) 1)) }}
{{- fail "several replicas share their counts in Redis: give redis.existingSecret, or replicas: 1 and no autoscaling" }}
{{- end }}
{{- if and .Values.admin.exposed (not $config.tokens) }}
{{- fail "admin.exposed takes tokens in config: make them with `headgate key new`" }}
{{- end }}
{{- if and .Values.serviceMonitor.enabled (not (and .Values.admin.exposed .Values.serviceMonitor.tokenSecret.name)) }}
{{- fail "serviceMonitor takes admin.exposed: true and serviceMonitor.tokenSecret.name: metrics are on the admin listener, which takes a token of scope read" }}
{{- end }}
{{- range $name, $instead := dict "HEADGATE_ADMIN_HOST" "admin.exposed" "HEADGATE_SHUTDOWN_DELAY" "shutdown.delaySeconds" "HEADGATE_DRAIN_TIMEOUT" "shutdown.drainSeconds" "REDIS_URL_FILE" "redis" }}
{{- if hasKey $.Values.env $name }}
{{- fail (printf "env.%s is what %s says: give that" $name $instead) }}
{{- end }}
{{- end }}
{{- range list "HEADGATE_PORT" "HEADGATE_ADMIN_PORT" }}
{{- if hasKey $.Values.env . }}
{{- fail (printf "env.%s would move what probes and Services ask: leave it out" .) }}
{{- end }}
{{- end }}
{{- if and (eq .Values.face "proxy") (not $config.proxy) }}
{{- fail "face: proxy takes proxy.upstream in config" }}
{{- end }}
{{- end }}
