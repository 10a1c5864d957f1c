{{- define "netfold.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "netfold.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: control
{{- end }}

{{- define "netfold.labels" -}}
{{ include "netfold.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: netfold
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "netfold.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- define "netfold.tlsSecret" -}}
{{- if .Values.tls.certManager.enabled }}{{ include "netfold.name" . }}-tls{{ else }}{{ .Values.tls.existingSecret }}{{ end }}
{{- end }}

{{- /* What the URL says, and where the pod finds the password and the authority. */ -}}
{{- define "netfold.store" -}}
{{- $url := required "store.url is where the ledger is, such as kurrentdb://netfold@db.example.com" .Values.store.url -}}
{{- $url }}{{ contains "?" $url | ternary "&" "?" }}passwordFile=/run/netfold/store/password
{{- if .Values.store.customCa }}&tlsCaFile=/run/netfold/store/ca.crt{{ end }}
{{- end }}

{{- /* What --kafka says: a file that a secret brings, or the brokers. */ -}}
{{- define "netfold.kafka" -}}
{{- if .Values.kafka.existingSecret -}}
/run/netfold/kafka/kafka.json
{{- else -}}
{{ .Values.kafka.tls | ternary "kafkas://" "" }}{{ required "kafka.brokers names the brokers, or kafka.existingSecret a secret that does" (join "," .Values.kafka.brokers) }}
{{- end -}}
{{- end }}
